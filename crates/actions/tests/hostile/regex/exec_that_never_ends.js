// Replaces with an exec that always finds.
// expect: timeout|memory|thrown
const regex = /a/g
regex.exec = () => ({ index: 0, length: 1, 0: 'a' })
'a'.replace(regex, 'b')
