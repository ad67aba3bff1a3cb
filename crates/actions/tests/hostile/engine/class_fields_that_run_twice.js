// Returns the same object from constructors that define private fields.
// expect: ends|thrown
class Base {
    constructor(object) {
        return object
    }
}
class Field extends Base {
    #value = 1
    static has = (object) => #value in object
    set(value) {
        this.#value = value
    }
}
const target = new Proxy({}, {})
for (const object of [{}, target, globalThis, Lit.Actions, [], () => {}]) {
    for (let count = 0; count < 2; count++) {
        try {
            new Field(object)
            Field.prototype.set.call(object, object)
        } catch {}
    }
}
