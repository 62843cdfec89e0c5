import { expect, test } from 'vitest'
import { tailAction } from './tail-recovery.ts'

const both = [false, true]

test('tail recovery: every combination that can be seen has exactly one answer', () => {
  const answers: string[] = []
  for (const provenSynced of both) {
    answers.push(
      tailAction({ headerHolds: false, indexHolds: null, batchesHold: null, provenSynced }),
      tailAction({ headerHolds: true, indexHolds: false, batchesHold: null, provenSynced }),
    )
    for (const batchesHold of both)
      answers.push(tailAction({ headerHolds: true, indexHolds: true, batchesHold, provenSynced }))
  }
  expect(answers).toEqual(['cut', 'cut', 'cut', 'keep', 'stop', 'stop', 'stop', 'keep'])
})

test('tail recovery: batches may go unchecked only where a sync is proven', () => {
  const finding = { headerHolds: true, indexHolds: true, batchesHold: null }
  expect(tailAction({ ...finding, provenSynced: true })).toBe('keep')
  expect(() => tailAction({ ...finding, provenSynced: false })).toThrow('one row answers')
})

test('tail recovery: damage that was acknowledged is never cut', () => {
  for (const headerHolds of both)
    for (const indexHolds of headerHolds ? both : [null])
      for (const batchesHold of indexHolds ? [false] : [null]) {
        const finding = { headerHolds, indexHolds, batchesHold, provenSynced: true }
        expect(tailAction(finding)).toBe('stop')
      }
})
