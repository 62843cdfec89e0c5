import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Offset } from '../../lib/brand.ts'
import { type Disk, DiskError, nodePlatform } from '../../platform/index.ts'
import { encodeBatch, readRecords } from '../batch/index.ts'
import type { SegmentRef } from '../internals.ts'
import { checkSegment } from './check.ts'
import {
  expectNoGaps,
  inNewFolders,
  folder,
  open,
  reader,
  segmenter,
  source,
  text,
  time,
  values,
} from './segments.fixture.ts'

inNewFolders()

const files = () => readdirSync(folder)

test('closed slots become segments: several logs, sorted, nothing lost', async () => {
  const logs = [3, 1, 2].map(id => source.create(id))
  for (let round = 0; round < 50; round++) {
    for (const log of logs) source.append(log, encodeBatch([text(`${log}/${round}a`), text('b')]))
  }
  source.roll()
  source.append(logs[0]!, encodeBatch([text('still open')]))
  await segmenter.runOnce(time)
  for (const log of logs) {
    expect((await values(log)).filter(value => value !== 'b')).toEqual(
      Array.from({ length: 50 }, (_, round) => `${log}/${round}a`),
    )
    expectNoGaps(log, 100)
  }
  expect(source.segmentedBelow).toBe(150)
  expect(files()).toHaveLength(1)
})

test('a read starts anywhere, is whole, and keeps to its size', async () => {
  const log = source.create(1)
  for (let index = 0; index < 400; index++)
    source.append(log, encodeBatch([text('x'.repeat(500)), text(`${index}`)]))
  source.roll()
  await segmenter.runOnce(time)
  const [ref] = source.segments(log) as [SegmentRef]
  for (const from of [0, 1, 2, 399, 400, 401, 777, 798, 799]) {
    const batches = await reader.read(ref, Offset(from), 3000)
    expect(batches.length).toBe(from >= 798 ? 1 : from >= 796 ? 2 : 5)
    expect(readRecords(batches[0]!)[0]!.offset).toBe(from - (from % 2))
    expect(await reader.read(ref, Offset(from), 1)).toHaveLength(1)
  }
  expect(await reader.read(ref, Offset(800), 1000)).toEqual([])
})

test('a batch larger than any window is read whole', async () => {
  const log = source.create(1, { segmentBytes: 100 * 1024 * 1024 })
  source.append(log, encodeBatch([text('small')]))
  source.append(log, encodeBatch([text('x'.repeat(3_000_000))]))
  source.append(log, encodeBatch([text('small')]))
  source.roll()
  await segmenter.runOnce(time)
  expect((await values(log)).map(value => value?.length)).toEqual([5, 3_000_000, 5])
  const [batch] = await reader.read(source.segments(log)[0]!, Offset(1), 1)
  expect(readRecords(batch!)[0]!.value).toHaveLength(3_000_000)
})

test('by time: the first record that is not older, even where times go back', async () => {
  const log = source.create(1)
  const times = Array.from({ length: 1000 }, (_, index) => time + ((index * 7919) % 1000) * 10)
  for (const timestamp of times)
    source.append(log, encodeBatch([{ timestamp, key: null, value: Buffer.alloc(100) }]))
  source.roll()
  await segmenter.runOnce(time)
  const ref = source.segments(log)[0]!
  for (const wanted of [0, time, time + 5, time + 5000, time + 9985, time + 9990]) {
    const expected = times.findIndex(timestamp => timestamp >= wanted)
    expect(await reader.findByTime(ref, wanted)).toEqual({
      offset: expected,
      timestamp: times[expected],
    })
    const later = times.findIndex((timestamp, index) => index >= 500 && timestamp >= wanted)
    const found = await reader.findByTime(ref, wanted, Offset(500))
    expect(found?.offset ?? -1).toBe(later)
  }
  expect(await reader.findByTime(ref, time + 9991)).toBeUndefined()
})

test('a log with small segments gets several, and its start moves by whole ones', async () => {
  const log = source.create(1, { segmentBytes: 10_000, retentionBytes: 30_000 })
  for (let index = 0; index < 100; index++)
    source.append(log, encodeBatch([text(`${index}`.padEnd(900))]))
  source.roll()
  await segmenter.runOnce(time)
  expect(source.segments(log).length).toBeGreaterThan(8)
  await segmenter.runOnce(time)
  const start = source.log(log)!.startOffset
  expect(start).toBeGreaterThan(50)
  expect(source.segments(log)[0]!.baseOffset).toBe(start)
  expectNoGaps(log, 100)
})

test('retention by time takes all of an old log, and then its files', async () => {
  const log = source.create(1, { retentionMs: 1000 })
  for (let index = 0; index < 10; index++) source.append(log, encodeBatch([text(`${index}`)]))
  source.roll()
  await segmenter.runOnce(time + 500)
  expect(files()).toHaveLength(1)
  expect(source.log(log)!.startOffset).toBe(0)
  await segmenter.runOnce(time + 1001)
  expect(source.log(log)!.startOffset).toBe(10)
  expect(source.segments(log)).toEqual([])
  expect(files()).toHaveLength(1) // Somebody may be about to read it.
  await segmenter.runOnce(time + 1002)
  expect(files()).toEqual([])
})

test('files of deleted logs go; a half dead file is rewritten first', async () => {
  const [big, small] = [source.create(1), source.create(2)]
  source.append(big, encodeBatch([text('x'.repeat(100_000))]))
  source.append(small, encodeBatch([text('keep me')]))
  source.roll()
  await segmenter.runOnce(time)
  const before = files()
  source.delete(big)
  await segmenter.runOnce(time)
  await segmenter.runOnce(time)
  expect(files()).toHaveLength(1)
  expect(files()).not.toEqual(before)
  expect(await values(small)).toEqual(['keep me'])
})

test('many tiny segments of quiet logs are joined, and so are their files', async () => {
  const logs = Array.from({ length: 20 }, (_, index) => source.create(index + 1))
  for (let round = 0; round < 40; round++) {
    for (const log of logs) source.append(log, encodeBatch([text(`${round}`)]))
    source.roll()
    await segmenter.runOnce(time)
  }
  for (const log of logs) {
    expect(source.segments(log).length).toBeLessThan(16)
    expect(await values(log)).toEqual(Array.from({ length: 40 }, (_, round) => `${round}`))
    expectNoGaps(log, 40)
  }
  expect(files().length).toBeLessThan(20)
})

test('runs that are joined are more than the memory they are copied through', async () => {
  const log = source.create(1, { segmentBytes: 64 * 1024 * 1024 })
  const wide = (number: number) => text(`${number}`.repeat(100_000))
  for (let round = 0; round < 24; round++) {
    for (let part = 0; part < 2; part++) source.append(log, encodeBatch([wide(2 * round + part)]))
    source.roll()
    await segmenter.runOnce(time)
  }
  expect(source.segments(log).length).toBeLessThan(24)
  const expected = Array.from({ length: 48 }, (_, number) => `${number}`.repeat(100_000))
  const found = await values(log)
  expect(found).toHaveLength(expected.length)
  expect(found.every((value, number) => value === expected[number])).toBe(true)
})

test('damage is reported with file and position, and nothing of it is handed out', async () => {
  const log = source.create(1)
  for (let index = 0; index < 3; index++) source.append(log, encodeBatch([text(`value ${index}`)]))
  source.roll()
  await segmenter.runOnce(time)
  await reader.close()
  const path = join(folder, files()[0]!)
  const bytes = readFileSync(path)
  bytes[bytes.indexOf('value 1')]! ^= 1
  writeFileSync(path, bytes)
  const ref = source.segments(log)[0]!
  expect(await reader.read(ref, Offset(2), 1)).toHaveLength(1)
  const damaged = reader.read(ref, Offset(1), 1)
  await expect(damaged).rejects.toMatchObject({ name: 'DamagedStoreError', path })
  await expect(damaged).rejects.toThrow(/checksum/)
})

test('what was written lately is not checked for who checks it himself', async () => {
  const log = source.create(1)
  source.append(log, encodeBatch([text('value 0')]))
  source.roll()
  await segmenter.runOnce(time)
  const path = join(folder, files()[0]!)
  const bytes = readFileSync(path)
  bytes[bytes.indexOf('value 0')]! ^= 1
  writeFileSync(path, bytes)
  const ref = source.segments(log)[0]!
  const roomFor = (isCheckedLater: boolean) => ({ isCheckedLater, take: Buffer.alloc })
  expect(await reader.read(ref, Offset(0), 1, roomFor(true))).toHaveLength(1)
  await expect(reader.read(ref, Offset(0), 1, roomFor(false))).rejects.toThrow(/checksum/)
  await open(nodePlatform) // From here on it was written by another process.
  await expect(reader.read(ref, Offset(0), 1, roomFor(true))).rejects.toThrow(/checksum/)
})

test('what an interrupted job left is removed at the start, and numbers go on', async () => {
  const log = source.create(1)
  source.append(log, encodeBatch([text('a')]))
  source.roll()
  await segmenter.runOnce(time)
  writeFileSync(join(folder, '0000000000000007.segment'), 'half')
  await open(nodePlatform)
  expect(files()).toEqual(['0000000000000000.segment'])
  source.append(log, encodeBatch([text('b')]))
  source.roll()
  await segmenter.runOnce(time)
  expect(files()).toEqual(['0000000000000000.segment', '0000000000000008.segment'])
  expect(await values(log)).toEqual(['a', 'b'])
})

test('a full disk leaves everything as it was, and the next round does the work', async () => {
  let isFull = true
  const disk: Disk = {
    ...nodePlatform.disk,
    async open(path, mode) {
      const file = await nodePlatform.disk.open(path, mode)
      const write: typeof file.write = async (buffers, position) => {
        if (isFull) throw new DiskError('full', path, 'no room')
        return file.write(buffers, position)
      }
      return {
        sizeBytes: file.sizeBytes,
        write,
        writeNow: (buffers, position, isSynced) => file.writeNow(buffers, position, isSynced),
        read: (position, length) => file.read(position, length),
        sync: () => file.sync(),
        truncate: bytes => file.truncate(bytes),
        close: () => file.close(),
      }
    },
  }
  await open({ ...nodePlatform, disk })
  const log = source.create(1)
  source.append(log, encodeBatch([text('a')]))
  source.roll()
  await segmenter.runOnce(time)
  expect(source.changes).toEqual([])
  expect(files()).toEqual([])
  isFull = false
  await segmenter.runOnce(time)
  expect(await values(log)).toEqual(['a'])
})

test('the whole file is checked: any byte changed is found', async () => {
  for (const id of [1, 2]) {
    const log = source.create(id)
    source.append(log, encodeBatch([text(`value ${id}`)]))
  }
  source.roll()
  await segmenter.runOnce(time)
  const check = async () => {
    const damages = []
    try {
      for await (const run of checkSegment(nodePlatform.disk, folder, 0)) damages.push(run.damage)
    } catch (error) {
      damages.push(error)
    }
    return damages
  }
  expect(await check()).toEqual([null, null])
  const path = join(folder, files()[0]!)
  const good = readFileSync(path)
  for (let at = 0; at < good.length; at++) {
    const bad = Buffer.from(good)
    bad[at]! ^= 1
    writeFileSync(path, bad)
    const damages = (await check()).filter(damage => damage !== null)
    expect(damages.length, `byte ${at} of ${good.length}`).toBeGreaterThan(0)
    expect(damages[0]).toMatchObject({ name: 'DamagedStoreError', path })
  }
})

test('a log deleted or truncated while its slots are rewritten does no harm', async () => {
  const [gone, cut, stays] = [source.create(1), source.create(2), source.create(3)]
  for (let index = 0; index < 200; index++)
    for (const log of [gone, cut, stays]) source.append(log, encodeBatch([text(`${index}`)]))
  source.roll()
  const load = source.load.bind(source)
  source.load = async (from, to) => {
    const slots = await load(from, to)
    let taken = 0
    return {
      look: (entries, index) => {
        if (++taken === 100) {
          source.delete(gone)
          source.truncateBefore(cut, Offset(150))
        }
        return slots.look(entries, index)
      },
    }
  }
  await segmenter.runOnce(time)
  expect(source.segmentedBelow).toBe(600)
  expect((await values(cut)).slice(-50)).toEqual(
    Array.from({ length: 50 }, (_, index) => `${index + 150}`),
  )
  expect(await values(stays)).toHaveLength(200)
})

test('after a rewriting round, the next two ask for a checkpoint, and no others do', async () => {
  const log = source.create(1)
  await segmenter.runOnce(time)
  source.append(log, encodeBatch([text('a')]))
  source.roll()
  const counts: number[] = []
  for (let round = 0; round < 5; round++) {
    const before = source.changes.length
    await segmenter.runOnce(time)
    counts.push(source.changes.length - before)
  }
  expect(counts).toEqual([1, 1, 1, 0, 0])
})
