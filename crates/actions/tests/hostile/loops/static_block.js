// Loops while a class is being defined.
// expect: timeout
class Endless {
    static {
        while (true) {}
    }
}
