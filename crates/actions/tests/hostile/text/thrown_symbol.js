// Throws what cannot become text.
// expect: thrown
throw Symbol('x')
