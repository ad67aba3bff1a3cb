// Loops in the has trap of a proxy that stands for the scope.
// expect: timeout
const scope = new Proxy(
    {},
    {
        has() {
            while (true) {}
        },
    },
)
with (scope) name
