import { expect, test } from 'vitest'
import { parseSettings, settingsDefault } from './settings.ts'

test('settings: what is not said has its default', () => {
  expect(parseSettings([])).toEqual(settingsDefault)
  expect(parseSettings(['--mode', 'fan-out', '--body-bytes', '1024', '--transient'])).toEqual({
    ...settingsDefault,
    mode: 'fan-out',
    bodyBytes: 1024,
    isPersistent: false,
  })
  expect(() => parseSettings(['--mode', 'peers'])).toThrow('--mode is one of')
})
