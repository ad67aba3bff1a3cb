// Calls itself.
// expect: thrown
;(function f() {
    f()
})()
