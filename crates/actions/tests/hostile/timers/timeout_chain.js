// Each timer sets the next.
// expect: timeout
const again = () => setTimeout(again)
again()
