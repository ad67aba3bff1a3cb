// Has replies race timers that set timers.
// expect: ends|limit
const race = []
for (let count = 0; count < 40; count++) {
    race.push(
        Promise.race([
            fetch(`${server}bytes/1`),
            new Promise((resolve) => setTimeout(resolve, count)),
        ]),
    )
}
await Promise.allSettled(race)
