// Reaches for the network through the providers of ethers.
// expect: ends|timeout|thrown
for (const Provider of [
    'JsonRpcProvider',
    'WebSocketProvider',
    'StaticJsonRpcProvider',
    'IpcProvider',
    'Web3Provider',
]) {
    try {
        const provider = new ethers.providers[Provider](sink)
        await Promise.race([
            provider.getBlockNumber(),
            new Promise((resolve) => setTimeout(resolve, 50)),
        ])
        provider.polling = false
    } catch {}
}
