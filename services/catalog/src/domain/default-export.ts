import type { ExportDefaultDeclaration, Expression, Program, Statement } from '@babel/types';

/** What a module exports by default, as far as reading it tells. */
export type FoundDefaultExport =
  /** A function, or something that only running the code would tell. */
  | { readonly kind: 'function' }
  | { readonly kind: 'missing' }
  | { readonly kind: 'repeated'; readonly at: Statement }
  | { readonly kind: 'no_function'; readonly at: Statement };

type DefaultExport = ExportDefaultDeclaration['declaration'];

export function findDefaultExport(program: Program): FoundDefaultExport {
  const [first, second] = program.body.flatMap((statement) => defaultExportsOf(statement, program));
  if (first === undefined) return { kind: 'missing' };
  if (second !== undefined) return { kind: 'repeated', at: second.at };
  const isFunction = first.declaration === undefined || mayBeFunction(first.declaration, program);
  return isFunction ? { kind: 'function' } : { kind: 'no_function', at: first.at };
}

interface FoundExport {
  readonly at: Statement;
  /** Undefined when only running the code would tell. */
  readonly declaration: DefaultExport | undefined;
}

function defaultExportsOf(statement: Statement, program: Program): FoundExport[] {
  if (statement.type === 'ExportDefaultDeclaration') {
    const { declaration } = statement;
    // Signatures of overloads and interfaces are types: nothing is left of them at run time.
    // (Babel gives an interface too, which its types leave out.)
    const typeNames: readonly string[] = ['TSDeclareFunction', 'TSInterfaceDeclaration'];
    const isType = typeNames.includes(declaration.type);
    return isType ? [] : [{ at: statement, declaration }];
  }
  if (statement.type !== 'ExportNamedDeclaration' || statement.exportKind === 'type') return [];
  return statement.specifiers.flatMap((specifier) => {
    if (specifier.type !== 'ExportSpecifier' || specifier.exportKind === 'type') return [];
    const { exported, local } = specifier;
    const name = exported.type === 'Identifier' ? exported.name : exported.value;
    return name === 'default' ? [{ at: statement, declaration: topLevelValue(local.name, program) }] : [];
  });
}

/** Follows names to their top-level declaration; a name that is reassigned or unknown counts as a function. */
function mayBeFunction(value: DefaultExport, program: Program, depth = 0): boolean {
  switch (value.type) {
    case 'FunctionDeclaration':
    case 'FunctionExpression':
      return !value.generator;
    case 'TSAsExpression':
    case 'TSSatisfiesExpression':
    case 'TSTypeAssertion':
    case 'TSNonNullExpression':
    case 'ParenthesizedExpression':
      return mayBeFunction(value.expression, program, depth);
    case 'Identifier': {
      const named = topLevelValue(value.name, program);
      return named === undefined || depth > 10 || mayBeFunction(named, program, depth + 1);
    }
    case 'ClassDeclaration':
    case 'ClassExpression':
    case 'ObjectExpression':
    case 'ArrayExpression':
    case 'StringLiteral':
    case 'NumericLiteral':
    case 'BigIntLiteral':
    case 'BooleanLiteral':
    case 'NullLiteral':
    case 'RegExpLiteral':
    case 'TemplateLiteral':
    case 'BinaryExpression':
    case 'UnaryExpression':
    case 'UpdateExpression':
      return false;
    default:
      return true;
  }
}

/** What a top-level name stands for, where that is certain: functions, classes and constants. */
function topLevelValue(name: string, program: Program): DefaultExport | undefined {
  for (const statement of program.body) {
    const declaration =
      statement.type === 'ExportNamedDeclaration' ? (statement.declaration ?? statement) : statement;
    if (declaration.type === 'FunctionDeclaration' && declaration.id?.name === name) return declaration;
    if (declaration.type === 'ClassDeclaration' && declaration.id?.name === name) return declaration;
    if (declaration.type === 'VariableDeclaration' && declaration.kind === 'const') {
      const initial = constantOf(declaration.declarations, name);
      if (initial !== undefined) return initial;
    }
  }
  return undefined;
}

function constantOf(
  declarators: readonly { readonly id: { readonly type: string }; readonly init?: Expression | null }[],
  name: string,
): Expression | undefined {
  for (const { id, init } of declarators) {
    if (id.type === 'Identifier' && 'name' in id && id.name === name) return init ?? undefined;
  }
  return undefined;
}
