/** Command lines whose answers are meant to differ, and why. */
export const differences: Readonly<Record<string, string>> = {
  'version --formatter json': 'it is the version of Sabir',
}
