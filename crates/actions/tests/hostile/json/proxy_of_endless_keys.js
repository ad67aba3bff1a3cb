// Prints a proxy that lists ever more keys.
// expect: thrown|memory|timeout
const keys = () => Array.from({ length: 100000 }, (_, number) => `key${number}`)
const endless = () =>
    new Proxy(
        {},
        {
            ownKeys: keys,
            getOwnPropertyDescriptor: () => ({
                enumerable: true,
                configurable: true,
                value: endless(),
            }),
            get: (_, name) => (name === 'toJSON' ? undefined : endless()),
        },
    )
JSON.stringify(endless())
