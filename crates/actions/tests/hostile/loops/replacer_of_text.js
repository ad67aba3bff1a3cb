// Loops in the function that replaces.
// expect: timeout
const loop = () => {
    while (true) {}
}
'text'.replaceAll('t', loop)
