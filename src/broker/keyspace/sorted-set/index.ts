export {
  SortedSetValue,
  type SortedSetEncoding,
  writeMembersGone,
  writeRanksGone,
  writeScores,
} from './sorted-set-value.ts'
