/** The page: it shows each piece of news as text, never as HTML. */
export const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>News</title>
<link rel="icon" href="data:,">
<style>
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif }
body { max-width: 40rem; margin: 2rem auto; padding: 0 1rem }
form { display: flex; gap: .5rem }
input { flex: 1; min-width: 0 }
input, button { font: inherit; padding: .4rem .7rem }
li { overflow-wrap: anywhere }
[role=status] { color: GrayText }
</style>
</head>
<body>
<h1>News</h1>
<form><input name="text" aria-label="News" placeholder="What is new?" maxlength="500" required autofocus><button>Post</button></form>
<p role="status">Connecting …</p>
<ol reversed aria-live="polite"></ol>
<script>
const [list, status, form] = ['ol', '[role=status]', 'form'].map((name) => document.querySelector(name))
const source = new EventSource('/news')
source.onopen = () => (status.textContent = 'Connected')
source.onerror = () => (status.textContent = 'Disconnected; the page comes again by itself …')
source.onmessage = ({ data, lastEventId }) => {
  const item = document.createElement('li')
  item.value = lastEventId
  item.textContent = data
  list.prepend(item)
}
form.onsubmit = async (event) => {
  event.preventDefault()
  const [, token = ''] = /(?:^|; )_xsrf=([^;]+)/.exec(document.cookie) ?? []
  const headers = { 'X-XSRFToken': decodeURIComponent(token) }
  const answer = await fetch('/post', { method: 'POST', body: new URLSearchParams(new FormData(form)), headers }).catch(() => null)
  if (answer?.ok) form.reset()
  else if (answer === null) status.textContent = 'Not posted: no connection'
  else status.textContent = answer.status === 403 ? 'Not posted: reload the page' : 'Not posted: ' + answer.status
}
</script>
</body>
</html>
`
