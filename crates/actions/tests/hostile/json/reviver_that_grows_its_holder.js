// Revives an object into one that is longer, each time.
// expect: timeout|memory|thrown
JSON.parse('[1, 2, 3]', function (name, value) {
    return Array.isArray(this) && name < 1e6 ? [value, [value]] : value
})
JSON.parse('[[1]]', function (name, value) {
    this.length = 1e6
    return [[value]]
})
while (true) {}
