import MarkdownIt from 'markdown-it'

// HTML in an entry is shown as text, and links to scripts stay text: what an author pastes cannot run.
const markdown = new MarkdownIt({ html: false, linkify: true })

/** Markdown as HTML that is safe to show. */
export function renderMarkdown(text: string): string {
  return markdown.render(text)
}
