// Loops in the tag of a template.
// expect: timeout
const tag = () => {
    while (true) {}
}
tag`text`
