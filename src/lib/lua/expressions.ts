import type { Parser } from './parser.ts'
import { FunctionScope } from './scope.ts'

/** An expression in JavaScript. */
export type Expression = {
  /** Its value; a call's or the dots' may be an array of values. */
  readonly code: string
  readonly kind: 'value' | 'call' | 'dots' | 'local' | 'global' | 'index'
  /** Where it stands as a condition. */
  readonly condition?: string
  /** What errors call it: `local 'x'`. */
  readonly called?: string
  /** Of what can be assigned to, the table and the key. */
  readonly table?: string
  readonly key?: string
  /** What errors call the table. */
  readonly tableCalled?: string
}

const value = (code: string, condition?: string): Expression =>
  condition === undefined ? { code, kind: 'value' } : { code, kind: 'value', condition }

/** Characters of a script are bytes, so nothing else has to be escaped. */
export const quoted = (text: string): string => JSON.stringify(text)

/** Exactly one value. */
export function single(expression: Expression): string {
  if (expression.kind === 'call') return `one(${expression.code})`
  return expression.kind === 'dots' ? 'va[0]' : expression.code
}

export function conditionOf(expression: Expression): string {
  return expression.condition ?? `truth(${single(expression)})`
}

const calledOf = ({ called }: Expression): string =>
  called === undefined ? '' : `,${quoted(called)}`

/** Binding powers to the left and to the right, from Lua's manual. */
const priorities: Readonly<Record<string, readonly [number, number]>> = {
  or: [1, 1],
  and: [2, 2],
  '<': [3, 3],
  '>': [3, 3],
  '<=': [3, 3],
  '>=': [3, 3],
  '~=': [3, 3],
  '==': [3, 3],
  '..': [5, 4],
  '+': [6, 6],
  '-': [6, 6],
  '*': [7, 7],
  '/': [7, 7],
  '%': [7, 7],
  '^': [10, 9],
}
const UNARY = 8
const arithmetic: Readonly<Record<string, string>> = {
  '+': 'add',
  '-': 'sub',
  '*': 'mul',
  '/': 'div',
  '%': 'mod',
  '^': 'pow',
  '..': 'concat',
}

export function expression(parser: Parser, limit = 0): Expression {
  parser.enter()
  let left = unary(parser)
  for (;;) {
    const operator = parser.lexer.kind
    const power = priorities[operator]
    if (power === undefined || power[0] <= limit) break
    parser.lexer.next()
    left = binary(operator, left, expression(parser, power[1]))
  }
  parser.leave()
  return left
}

function unary(parser: Parser): Expression {
  const operator = parser.lexer.kind
  if (operator !== 'not' && operator !== '-' && operator !== '#') return simple(parser)
  parser.lexer.next()
  const operand = expression(parser, UNARY)
  if (operator === 'not') {
    const code = `!${conditionOf(operand)}`
    return value(code, code)
  }
  const name = operator === '-' ? 'neg' : 'len'
  return value(`${name}(${single(operand)}${calledOf(operand)})`)
}

function binary(operator: string, left: Expression, right: Expression): Expression {
  const [one, other] = [single(left), single(right)]
  if (operator === 'and') {
    const condition = `(${conditionOf(left)}&&${conditionOf(right)})`
    return value(`((T=${one})===undefined||T===false?T:${other})`, condition)
  }
  if (operator === 'or') {
    const condition = `(${conditionOf(left)}||${conditionOf(right)})`
    return value(`((T=${one})!==undefined&&T!==false?T:${other})`, condition)
  }
  const name = arithmetic[operator]
  if (name !== undefined) {
    const called = left.called ?? right.called
    if (called === undefined) return value(`${name}(${one},${other})`)
    const names = `${quoted(left.called ?? '')},${quoted(right.called ?? '')}`
    return value(`${name}(${one},${other},${names})`)
  }
  const code = comparison(operator, one, other)
  return value(code, code)
}

function comparison(operator: string, one: string, other: string): string {
  if (operator === '==') return `eq(${one},${other})`
  if (operator === '~=') return `!eq(${one},${other})`
  if (operator === '<') return `lt(${one},${other})`
  if (operator === '<=') return `le(${one},${other})`
  // The operands are still evaluated from left to right.
  return operator === '>' ? `gt(${one},${other})` : `ge(${one},${other})`
}

function simple(parser: Parser): Expression {
  const { lexer } = parser
  const { kind } = lexer
  if (kind === 'number') {
    const { number } = lexer
    lexer.next()
    return value(number === Infinity ? '1/0' : String(number))
  }
  if (kind === 'string') {
    const { text } = lexer
    lexer.next()
    return value(quoted(text))
  }
  if (kind === 'nil' || kind === 'true' || kind === 'false') {
    lexer.next()
    return kind === 'nil' ? value('undefined', 'false') : value(kind, kind)
  }
  if (kind === '...') {
    if (!parser.scope.isVararg) throw lexer.error("cannot use '...' outside a vararg function")
    lexer.next()
    return { code: 'va', kind: 'dots' }
  }
  if (kind === '{') return value(tableConstructor(parser))
  if (kind === 'function') {
    const { line } = lexer
    lexer.next()
    return value(functionBody(parser, { hasSelf: false, line }))
  }
  return suffixed(parser)
}

function primary(parser: Parser): Expression {
  const { lexer } = parser
  if (lexer.kind === '(') {
    const { line } = lexer
    lexer.next()
    const inner = expression(parser)
    parser.expectClosing(')', '(', line)
    return value(`(${single(inner)})`, inner.condition)
  }
  if (lexer.kind !== 'name') throw lexer.error('unexpected symbol')
  const name = parser.name()
  const found = parser.scope.find(name)
  if (found !== undefined) {
    const called = `${found.isUpvalue ? 'upvalue' : 'local'} '${name}'`
    return { code: found.translated, kind: 'local', called }
  }
  const key = quoted(name)
  return { code: `index(G,${key})`, kind: 'global', called: `global '${name}'`, table: 'G', key }
}

/** A name, or what is in parentheses, with all that is indexed or called behind it. */
export function suffixed(parser: Parser): Expression {
  let left = primary(parser)
  parser.enter()
  for (;;) {
    const { lexer } = parser
    if (lexer.kind === '.') {
      lexer.next()
      const name = parser.name()
      left = indexed(left, quoted(name), `field '${name}'`)
    } else if (lexer.kind === '[') {
      lexer.next()
      const key = single(expression(parser))
      parser.expect(']')
      left = indexed(left, key, "field '?'")
    } else if (lexer.kind === ':') {
      lexer.next()
      const name = parser.name()
      const self = `(T=${single(left)})`
      const method = `fn(index(${self},${quoted(name)}${calledOf(left)}),"method '${name}'")`
      const given = callArguments(parser)
      left = { code: callOf(parser, method, ['T', ...given]), kind: 'call' }
    } else if (lexer.kind === '(' || lexer.kind === 'string' || lexer.kind === '{') {
      const given = callArguments(parser)
      const called = `fn(${single(left)}${calledOf(left)})`
      left = { code: callOf(parser, called, given), kind: 'call' }
    } else break
  }
  parser.leave()
  return left
}

/** Of a function in JavaScript. */
export function callOf({ isLifted }: Parser, called: string, given: readonly string[]): string {
  const list = given.join(',')
  return isLifted ? `(yield* invoke(${called},[${list}]))` : `${called}(${list})`
}

function indexed(left: Expression, key: string, called: string): Expression {
  const table = single(left)
  const code = `index(${table},${key}${calledOf(left)})`
  const owner = left.called === undefined ? {} : { tableCalled: left.called }
  return { code, kind: 'index', called, table, key, ...owner }
}

function callArguments(parser: Parser): string[] {
  const { lexer } = parser
  if (lexer.kind === 'string') {
    const { text } = lexer
    lexer.next()
    return [quoted(text)]
  }
  if (lexer.kind === '{') return [tableConstructor(parser)]
  if (lexer.kind !== '(') throw lexer.error('function arguments expected')
  const { line } = lexer
  if (line !== lexer.lastLine) {
    throw lexer.error('ambiguous syntax (function call x new statement)')
  }
  parser.expect('(')
  if (parser.accept(')')) return []
  const given = expressionList(parser)
  parser.expectClosing(')', '(', line)
  return spread(given)
}

export function expressionList(parser: Parser): Expression[] {
  const list = [expression(parser)]
  while (parser.accept(',')) list.push(expression(parser))
  return list
}

/** As items of a list: the last one gives all its values. */
export function spread(list: readonly Expression[]): string[] {
  return list.map((item, at) => {
    if (at < list.length - 1 || (item.kind !== 'call' && item.kind !== 'dots')) return single(item)
    return item.kind === 'dots' ? '...va' : `...all(${item.code})`
  })
}

function tableConstructor(parser: Parser): string {
  const { lexer } = parser
  const { line } = lexer
  parser.expect('{')
  const items: Expression[] = []
  const fields: string[] = []
  while (lexer.kind !== '}') {
    if (lexer.kind === 'name' && lexer.peek() === '=') {
      const name = parser.name()
      lexer.next()
      fields.push(quoted(name), single(expression(parser)))
    } else if (lexer.kind === '[') {
      lexer.next()
      const key = single(expression(parser))
      parser.expect(']')
      parser.expect('=')
      fields.push(key, single(expression(parser)))
    } else items.push(expression(parser))
    if (!parser.accept(',') && !parser.accept(';')) break
  }
  parser.expectClosing('}', '{', line)
  const list = `[${spread(items).join(',')}]`
  return fields.length === 0 ? `table(${list})` : `table(${list},[${fields.join(',')}])`
}

/** From the parameters on, up to `end`. */
export function functionBody(
  parser: Parser,
  { hasSelf, line }: { readonly hasSelf: boolean; readonly line: number },
): string {
  parser.expect('(')
  const names = hasSelf ? ['self'] : []
  let isVararg = false
  while (!isVararg && !parser.is(')')) {
    if (parser.accept('...')) isVararg = true
    else if (parser.is('name')) names.push(parser.name())
    else throw parser.lexer.error("<name> or '...' expected")
    if (!parser.accept(',')) break
  }
  parser.expect(')')
  const { scope: outer, loops } = parser
  parser.loops = 0
  parser.scope = new FunctionScope(outer, isVararg)
  const parameters = names.map(name => {
    const translated = parser.translatedName(name)
    parser.declare(name, translated)
    return translated
  })
  if (isVararg) parameters.push('...va')
  const body = parser.block(parser)
  const code = framed(parser, parameters, body)
  parser.scope = outer
  parser.loops = loops
  parser.expectClosing('end', 'function', line)
  return code
}

/** Counts what it takes of the stack and of the time that the script has. */
export function framed(
  { isLifted, scope: { stackWords } }: Parser,
  parameters: readonly string[],
  body: string,
): string {
  return `${isLifted ? 'lift(function*' : '(function'}(${parameters.join(',')}){let T;
if((L.stack+=${stackWords})>L.stackMax)L.overflow(${stackWords});
if(--meter.fuel<0)meter.refuel();try{${body}
return NONE}finally{L.stack-=${stackWords}}})`
}
