// Leaves every inner loop by a finally that goes on.
// expect: timeout
again: for (;;) {
    try {
        while (true) {}
    } finally {
        continue again
    }
}
