// Reads itself through a getter.
// expect: thrown
const object = {
    get value() {
        return this.value
    },
}
object.value
