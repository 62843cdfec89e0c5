import type { Subject } from '../../harness/side.ts'
import type { Figure, Outcome } from '../../harness/suite.ts'

/** Bytes sent to the disk for each byte of body: the rest is headers, copies and padding. */
export const writtenPerByte = {
  figure: { name: 'disk bytes a payload byte', unit: '', better: 'less' } satisfies Figure,

  async of(subject: Subject, bodyBytes: number, run: () => Promise<Outcome>): Promise<Outcome> {
    const before = subject.writtenBytes()
    const outcome = await run()
    const written = subject.writtenBytes() - before
    const share = written / (outcome.messages! * bodyBytes)
    return { ...outcome, figures: { ...outcome.figures, [this.figure.name]: share } }
  },
}
