// Replaces with functions that give back long texts and change the groups.
// expect: ends|thrown|memory
const result = 'a-b-c'.replace(/(?<x>\w)-(\w)/g, (...values) => {
    const groups = values.at(-1)
    Object.assign(groups, { x: {} })
    return 'y'.repeat(1000)
})
'abc'.replace({ [Symbol.replace]: (text) => text.repeat(10) }, '')
RegExp.prototype[Symbol.replace].call(
    { exec: () => ({ length: 1e6, index: 1e9, 0: 'x' }), flags: '' },
    'abc',
    '$99$`',
)
