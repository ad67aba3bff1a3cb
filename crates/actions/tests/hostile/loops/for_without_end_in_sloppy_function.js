// Loops in a function that runs before anything else could.
// expect: timeout
;(function () {
    for (;;) this.count = (this.count | 0) + 1
})()
