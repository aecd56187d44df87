import { engineCase } from '../load/engine-case.ts'

const group = 'Templates'

export const templateTable = engineCase({
  name: 'template-table',
  group,
  title: 'A table of 1,000 rows of 5 cells as bytes, escaped, by a template that is compiled',
  unit: 'table',
  app: { kind: 'table', rows: 1000 },
})

export const templateCompile = engineCase({
  name: 'template-compile',
  group,
  title: 'A template of 20 such tables, 9 KB, compiled from its text',
  unit: 'template',
  app: { kind: 'compile', tables: 20 },
})
