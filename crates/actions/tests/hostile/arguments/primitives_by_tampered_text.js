// Gives the runner's cryptography text that the bundle's checks were told to accept.
// expect: ends|thrown
String.prototype.match = RegExp.prototype.test = () => true
String.prototype.substring = String.prototype.slice = () => 'zz'
for (const attempt of [
    () => ethers.utils.keccak256('0xzz'),
    () => new ethers.Wallet('zz'),
    () => ethers.utils.sha256('z'),
]) {
    try {
        attempt()
    } catch {}
}
