// Revives without end.
// expect: timeout
JSON.parse('[1]', () => {
    while (true) {}
})
