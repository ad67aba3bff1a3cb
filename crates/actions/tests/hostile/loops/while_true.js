// Loops without end.
// expect: timeout
while (true) {}
