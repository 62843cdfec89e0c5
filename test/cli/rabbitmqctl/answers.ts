/** What one command line wrote, and how it ended. */
export type Answer = { readonly code: number; readonly out: string; readonly error: string }

/** What is not the same each time: names of nodes and processes, versions, places of files. */
export function normalized(line: string, { code, out, error }: Answer, folder: string): string {
  const plain = (text: string): string =>
    text
      .replaceAll(folder, 'FOLDER')
      .replaceAll(/127\.0\.0\.1\t\d+/g, 'ADDRESS')
      .replaceAll(/<\w+@[\w.-]+>/g, 'PID')
      .replaceAll(/(rabbit|sabir)@[\w-]+/g, 'NODE')
      .replaceAll(/\b\d+\.\d+\.\d+\b(?!\.)/g, 'VERSION')
  const isUnordered = line.startsWith('~')
  const ordered = (text: string): string =>
    isUnordered ? text.split('\n').map(withoutComma).toSorted().join('\n') : text
  const parts = [`$ ${line}`, `exit code ${code}`, ordered(plain(out)).trimEnd()]
  if (error !== '') parts.push('--- stderr', plain(error).trim())
  return parts.filter(part => part !== '').join('\n')
}

/** Between recorded answers. */
export const SEPARATOR = '\n====\n'

/** In JSON the comma stands before the next row. */
const withoutComma = (line: string): string => line.replace(/^,(?=\{)/, '')
