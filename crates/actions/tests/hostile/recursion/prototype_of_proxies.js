// Looks a name up along ten thousand proxies.
// expect: thrown|ends|memory
let object = {}
for (let count = 0; count < 10000; count++) object = new Proxy(object, {})
object.value
