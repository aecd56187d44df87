/** The page: uploads what is chosen or dropped, and shows how far each upload is. Works without its script, too. */
export const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>File upload</title>
<link rel="icon" href="data:,">
<style>
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif }
body { max-width: 40rem; margin: 2rem auto; padding: 0 1rem }
form { border: 2px dashed GrayText; border-radius: .5rem; padding: 1.5rem; display: flex; flex-wrap: wrap; gap: .5rem }
form.over { border-color: Highlight }
input { flex: 1; min-width: 0 }
input, button { font: inherit }
ul { list-style: none; padding: 0 }
li { margin: 1rem 0; overflow-wrap: anywhere }
progress { width: 100% }
small { color: GrayText }
</style>
</head>
<body>
<h1>File upload</h1>
<form action="/upload" method="post" enctype="multipart/form-data">
<input type="file" name="file" multiple required aria-label="Files"><button>Upload</button>
</form>
<ul aria-live="polite"></ul>
<script>
const form = document.querySelector('form')
const list = document.querySelector('ul')
function upload(file) {
  const item = list.appendChild(document.createElement('li'))
  const name = item.appendChild(document.createElement('div'))
  const bar = item.appendChild(document.createElement('progress'))
  const note = item.appendChild(document.createElement('small'))
  name.textContent = file.name
  bar.setAttribute('aria-label', file.name)
  const request = new XMLHttpRequest()
  const cancel = item.appendChild(document.createElement('button'))
  cancel.textContent = 'Cancel'
  cancel.onclick = () => request.abort()
  request.upload.onprogress = ({ loaded, total }) => {
    bar.max = total
    bar.value = loaded
    note.textContent = Math.floor((loaded / total) * 100) + ' % of ' + total.toLocaleString() + ' bytes '
  }
  request.onload = () => {
    const { files } = request.status === 201 ? JSON.parse(request.response) : {}
    note.textContent = files ? files[0].size.toLocaleString() + ' bytes, sha256 ' + files[0].sha256 : 'Refused: ' + request.status
  }
  request.onerror = () => (note.textContent = 'The connection broke')
  request.onabort = () => (note.textContent = 'Cancelled')
  request.onloadend = () => cancel.remove()
  request.open('POST', form.action)
  const body = new FormData()
  body.append('file', file)
  request.send(body)
}
form.onsubmit = (event) => {
  event.preventDefault()
  for (const file of form.elements.file.files) upload(file)
  form.reset()
}
form.ondragover = (event) => {
  event.preventDefault()
  form.classList.add('over')
}
form.ondragleave = () => form.classList.remove('over')
form.ondrop = (event) => {
  event.preventDefault()
  form.classList.remove('over')
  for (const file of event.dataTransfer.files) upload(file)
}
</script>
</body>
</html>
`
