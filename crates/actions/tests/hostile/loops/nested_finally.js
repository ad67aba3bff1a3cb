// Returns out of a hundred nested finally blocks into the same again.
// expect: timeout
function nest(depth) {
    try {
        if (depth) nest(depth - 1)
        while (true) {}
    } finally {
        while (true) {}
    }
}
nest(100)
