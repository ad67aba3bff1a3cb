// Makes every object a thenable.
// expect: timeout|ends|thrown
Object.prototype.then = function (resolve) {
    resolve(this)
}
await fetch(`${server}bytes/1`)
