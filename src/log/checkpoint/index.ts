export { type Checkpoint, encodeState } from './checkpoint-format.ts'
export { Checkpointer } from './checkpointer.ts'
export { Checkpoints } from './checkpoints.ts'
