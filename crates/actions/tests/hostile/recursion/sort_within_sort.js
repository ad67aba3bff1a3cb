// Sorts within the comparator of a sort.
// expect: thrown
const deep = () => [2, 1].sort(deep)
deep()
