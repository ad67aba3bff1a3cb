// Breaks the ethers of this action.
// expect: thrown|ends
for (const name of Object.keys(ethers.utils)) {
    try {
        ethers.utils[name] = () => '0x'
    } catch {}
}
ethers.Wallet.prototype.signMessage = async () => '0x'
new ethers.Wallet('0x' + '01'.repeat(32))
