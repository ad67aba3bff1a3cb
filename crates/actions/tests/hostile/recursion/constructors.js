// Constructs itself in its constructor.
// expect: thrown
class Deep {
    field = new Deep()
}
new Deep()
