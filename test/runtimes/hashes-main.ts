import { make, refused } from './hashes.ts'

/** As a program: makes hashes of a password, or verifies the ones that it is given. */
const [, , password = '', ...hashes] = process.argv
console.log(JSON.stringify(hashes.length === 0 ? await make(password) : await refused(password, hashes)))
