/** The part of the library we use; it brings no types of its own. */
declare module 'cli-progress' {
  class SingleBar {
    constructor(options: object, preset: object)
    start(total: number, done: number): void
    update(done: number): void
    stop(): void
  }
  const library: {
    readonly SingleBar: typeof SingleBar
    readonly Presets: { readonly shades_classic: object }
  }
  export default library
}
