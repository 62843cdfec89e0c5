/** As in package.json; a test compares them, so that nothing has to be read at the start. */
export const version = '0.1.0'
