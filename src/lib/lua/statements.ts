import {
  callOf,
  conditionOf,
  type Expression,
  expression,
  expressionList,
  functionBody,
  quoted,
  single,
  spread,
  suffixed,
} from './expressions.ts'
import type { Parser } from './parser.ts'

const blockEnds: ReadonlySet<string> = new Set(['eof', 'end', 'else', 'elseif', 'until'])
const FUEL = 'if(--meter.fuel<0)meter.refuel();'

/** Statements up to the word that ends the block, which stays. */
export function block(parser: Parser): string {
  parser.enter()
  parser.scope.open()
  const code = statements(parser)
  parser.scope.close()
  parser.leave()
  return code
}

function loopBody(parser: Parser): string {
  parser.loops++
  const code = block(parser)
  parser.loops--
  return code
}

function statements(parser: Parser): string {
  let code = ''
  while (!blockEnds.has(parser.lexer.kind)) {
    const { kind } = parser.lexer
    code += `L.line=${parser.lexer.line};${statement(parser)}\n`
    parser.accept(';')
    if (kind === 'return' || kind === 'break') break
  }
  return code
}

function statement(parser: Parser): string {
  const { lexer } = parser
  const { kind, line } = lexer
  switch (kind) {
    case 'if':
      return ifStatement(parser)
    case 'while': {
      lexer.next()
      const condition = conditionOf(expression(parser))
      parser.expect('do')
      const body = loopBody(parser)
      parser.expectClosing('end', 'while', line)
      return `while(${condition}){${FUEL}${body}}`
    }
    case 'do': {
      lexer.next()
      const body = block(parser)
      parser.expectClosing('end', 'do', line)
      return `{${body}}`
    }
    case 'for':
      return forStatement(parser)
    case 'repeat':
      return repeatStatement(parser)
    case 'function':
      return functionStatement(parser)
    case 'local':
      lexer.next()
      return parser.accept('function') ? localFunction(parser, line) : localStatement(parser)
    case 'return':
      return returnStatement(parser)
    case 'break':
      lexer.next()
      if (parser.loops === 0) throw lexer.error('no loop to break')
      return 'break;'
    default:
      return expressionStatement(parser)
  }
}

function ifStatement(parser: Parser): string {
  const { line } = parser.lexer
  let code = ''
  for (let word = 'if'; word === 'if' || word === 'elseif'; word = parser.lexer.kind) {
    parser.lexer.next()
    const condition = conditionOf(expression(parser))
    parser.expect('then')
    code += `${code === '' ? '' : 'else '}if(${condition}){${block(parser)}}`
  }
  if (parser.accept('else')) code += `else{${block(parser)}}`
  parser.expectClosing('end', 'if', line)
  return code
}

function repeatStatement(parser: Parser): string {
  const { line } = parser.lexer
  parser.lexer.next()
  // The condition sees the locals of the block.
  parser.scope.open()
  parser.loops++
  const body = statements(parser)
  parser.loops--
  parser.expectClosing('until', 'repeat', line)
  const condition = conditionOf(expression(parser))
  parser.scope.close()
  return `for(;;){${FUEL}${body}if(${condition})break;}`
}

function forStatement(parser: Parser): string {
  const { lexer } = parser
  const { line } = lexer
  lexer.next()
  const names = [parser.name()]
  if (parser.is('=')) return numericFor(parser, names[0]!, line)
  while (parser.accept(',')) names.push(parser.name())
  parser.expect('in')
  const list = spread(expressionList(parser)).join(',')
  parser.expect('do')
  parser.scope.open()
  const translated = names.map(name => {
    const given = parser.translatedName(name)
    parser.declare(name, given)
    return given
  })
  const body = loopBody(parser)
  parser.scope.close()
  parser.expectClosing('end', 'for', line)
  const [step, state, control, result] = ['f', 's', 'c', 'r'].map(name =>
    parser.translatedName(`for_${name}`),
  )
  const others = translated
    .slice(1)
    .map((name, at) => `,${name}=many?${result}[${at + 1}]:undefined`)
  const next = callOf(parser, `fn(${step!})`, [state!, control!])
  return `{let [${step},${state},${control}]=[${list}];for(;;){${FUEL}
const ${result}=${next},many=Array.isArray(${result});
let ${translated[0]!}=many?${result}[0]:${result}${others.join('')};
if(${translated[0]!}===undefined)break;${control}=${translated[0]!};${body}}}`
}

function numericFor(parser: Parser, name: string, line: number): string {
  parser.lexer.next()
  const start = single(expression(parser))
  parser.expect(',')
  const limit = single(expression(parser))
  const step = parser.accept(',') ? single(expression(parser)) : '1'
  parser.expect('do')
  parser.scope.open()
  const translated = parser.translatedName(name)
  parser.declare(name, translated)
  const body = loopBody(parser)
  parser.scope.close()
  parser.expectClosing('end', 'for', line)
  const [at, end, by] = ['i', 'e', 'b'].map(part => parser.translatedName(`for_${part}`))
  const isConstant = /^\d+(?:\.\d+)?$/.test(step) && Number(step) > 0
  const goesOn = isConstant ? `${at}<=${end}` : `(${by}>0?${at}<=${end}:${at}>=${end})`
  return `{let ${at}=bound(${start},"initial value");
const ${end}=bound(${limit},"limit"),${by}=bound(${step},"step");
for(;${goesOn};${at}+=${by}){${FUEL}let ${translated}=${at};${body}}}`
}

function functionStatement(parser: Parser): string {
  const { lexer } = parser
  const { line } = lexer
  lexer.next()
  const name = parser.name()
  const found = parser.scope.find(name)
  let target: Expression =
    found === undefined
      ? { code: `index(G,${quoted(name)})`, kind: 'global', table: 'G', key: quoted(name) }
      : { code: found.translated, kind: 'local' }
  let hasSelf = false
  while (!hasSelf && (parser.is('.') || parser.is(':'))) {
    hasSelf = parser.is(':')
    lexer.next()
    const key = quoted(parser.name())
    const table = target.code
    target = { code: `index(${table},${key})`, kind: 'index', table, key }
  }
  return assignment(target, functionBody(parser, { hasSelf, line }))
}

function localFunction(parser: Parser, line: number): string {
  const name = parser.name()
  const translated = parser.translatedName(name)
  parser.declare(name, translated)
  return `let ${translated};${translated}=${functionBody(parser, { hasSelf: false, line })};`
}

function localStatement(parser: Parser): string {
  const names = [parser.name()]
  while (parser.accept(',')) names.push(parser.name())
  const given = parser.accept('=') ? expressionList(parser) : []
  const translated = names.map(name => parser.translatedName(name))
  const code = declaration(translated, given)
  for (const [at, name] of names.entries()) parser.declare(name, translated[at]!)
  return code
}

function declaration(names: readonly string[], given: readonly Expression[]): string {
  if (given.length === 0) return `let ${names.join(',')};`
  if (given.length === names.length) {
    return `let ${names.map((name, at) => `${name}=${single(given[at]!)}`).join(',')};`
  }
  return `let [${names.join(',')}]=[${spread(given).join(',')}];`
}

function returnStatement(parser: Parser): string {
  parser.lexer.next()
  if (blockEnds.has(parser.lexer.kind) || parser.is(';')) return 'return NONE;'
  const list = expressionList(parser)
  if (list.length > 1) return `return [${spread(list).join(',')}];`
  const [only] = list
  return only!.kind === 'dots' ? 'return va;' : `return ${only!.code};`
}

function expressionStatement(parser: Parser): string {
  const left = suffixed(parser)
  if (parser.is('=') || parser.is(',')) return assignments(parser, left)
  if (left.kind === 'value') throw parser.lexer.error('syntax error')
  if (left.kind !== 'call') throw parser.lexer.error("'=' expected")
  return `${left.code};`
}

function assignments(parser: Parser, left: Expression): string {
  const targets = [left]
  while (parser.accept(',')) targets.push(suffixed(parser))
  parser.expect('=')
  const given = expressionList(parser)
  for (const { kind } of targets) {
    if (kind === 'value' || kind === 'call' || kind === 'dots') {
      throw parser.lexer.error('syntax error')
    }
  }
  if (targets.length === 1 && given.length === 1) return assignment(left, single(given[0]!))
  return severalAssignments(parser, targets, given)
}

function assignment(
  { kind, code, table, key, tableCalled: called }: Expression,
  value: string,
): string {
  if (kind === 'local') return `${code}=${value};`
  const name = called === undefined ? '' : `,${quoted(called)}`
  return `setIndex(${table!},${key!},${value}${name});`
}

/** Tables, keys and values are evaluated before any is assigned; the last is assigned first. */
function severalAssignments(
  parser: Parser,
  targets: readonly Expression[],
  given: readonly Expression[],
): string {
  const values = parser.translatedName('values')
  const before: string[] = []
  const after: string[] = []
  for (const [at, target] of targets.entries()) {
    if (target.kind === 'local') after.push(`${target.code}=${values}[${at}];`)
    else {
      const place = parser.translatedName('place')
      before.push(`const ${place}=[${target.table!},${target.key!}];`)
      after.push(`setIndex(${place}[0],${place}[1],${values}[${at}]);`)
    }
  }
  const list = spread(given).join(',')
  return `{${before.join('')}const ${values}=[${list}];${after.reverse().join('')}}`
}
