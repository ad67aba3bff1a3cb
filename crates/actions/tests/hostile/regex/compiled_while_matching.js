// Compiles an expression anew while it replaces.
// expect: ends|thrown
const regex = /a(b)?/g
'ab'.repeat(1000).replace(regex, () => {
    regex.compile('(x)(y)(z)')
    regex.lastIndex = 5
    return 'c'
})
