/** Media types and the name endings they are known by, one type a line. `+` in front: the text is taken to be UTF-8. */
const table = `
application/atom+xml atom
application/epub+zip epub
application/geo+json geojson
application/java-archive jar
application/json json map
application/ld+json jsonld
application/manifest+json webmanifest
application/msword doc dot
application/octet-stream bin exe dll so dylib a o obj class dmg iso img deb msi
application/ogg ogx
application/pdf pdf
application/postscript ai eps ps
application/pkcs8 p8
application/pkcs7-mime p7c p7m
application/rss+xml rss
application/rtf rtf
application/sql sql
application/vnd.android.package-archive apk
application/vnd.apple.mpegurl m3u8
application/vnd.ms-excel xls xlb
application/vnd.ms-fontobject eot
application/vnd.ms-powerpoint ppt pot ppa pps pwz
application/vnd.oasis.opendocument.presentation odp
application/vnd.oasis.opendocument.spreadsheet ods
application/vnd.oasis.opendocument.text odt
application/vnd.openxmlformats-officedocument.presentationml.presentation pptx
application/vnd.openxmlformats-officedocument.spreadsheetml.sheet xlsx
application/vnd.openxmlformats-officedocument.wordprocessingml.document docx
application/vnd.sqlite3 sqlite sqlite3
application/wasm wasm
application/x-7z-compressed 7z
application/x-csh csh
application/x-font-pcf pcf
application/x-hdf hdf
application/x-httpd-php php
application/x-latex latex
application/x-mpegurl m3u
application/x-netcdf cdf nc
application/x-perl pl
application/x-pkcs12 p12 pfx
application/x-rpm rpm
application/x-sh sh
application/x-shar shar
application/x-shockwave-flash swf
application/x-tar tar
application/x-tcl tcl
application/x-tex tex
application/x-texinfo texi texinfo
application/x-x509-ca-cert crt der pem
application/xhtml+xml xhtml xht
application/xml rdf wsdl xpdl xsd dtd
application/xslt+xml xslt xsl
application/yaml yaml yml
application/toml toml
application/zip zip
application/zstd zst
application/vnd.rar rar
audio/aac aac adts
audio/amr amr
audio/basic au snd
audio/flac flac
audio/midi mid midi
audio/mp4 m4a
audio/mpeg mp3 mp2
audio/ogg ogg oga opus spx
audio/webm weba
audio/x-aiff aif aiff aifc
audio/x-wav wav
font/collection ttc
font/otf otf
font/ttf ttf
font/woff woff
font/woff2 woff2
image/apng apng
image/avif avif
image/bmp bmp
image/gif gif
image/heic heic
image/heif heif
image/jpeg jpg jpeg jpe jfif
image/jxl jxl
image/png png
image/svg+xml svg
image/tiff tif tiff
image/vnd.adobe.photoshop psd
image/vnd.microsoft.icon ico cur
image/webp webp
image/x-ms-bmp dib
image/x-portable-anymap pnm
image/x-portable-bitmap pbm
image/x-portable-graymap pgm
image/x-portable-pixmap ppm
image/x-rgb rgb
image/x-xbitmap xbm
image/x-xpixmap xpm
message/rfc822 eml mht mhtml nws
model/gltf+json gltf
model/gltf-binary glb
model/stl stl
+text/cache-manifest appcache
+text/calendar ics
+text/css css
+text/csv csv
+text/html html htm shtml
+text/javascript js mjs cjs
+text/markdown md markdown
+text/plain txt text log conf ini c h cc hh cpp hpp rs go java ts mts cts tsx jsx srt bat ksh
+text/richtext rtx
+text/tab-separated-values tsv
+text/vcard vcf
+text/vtt vtt
+text/x-python py
+text/x-scss scss
+text/x-less less
text/xml xml
video/3gpp 3gp 3gpp
video/mp2t m2ts
video/mp4 mp4 m4v mpg4
video/mpeg mpeg mpg mpe m1v mpa
video/ogg ogv
video/quicktime mov qt
video/webm webm
video/x-flv flv
video/x-matroska mkv
video/x-ms-wmv wmv
video/x-msvideo avi
`

/** A whole file that is compressed, and is sent as what it is: the type is that of the compressed file. */
const compressed: ReadonlyMap<string, string> = new Map([
  ['gz', 'application/gzip'],
  ['tgz', 'application/gzip'],
  ['taz', 'application/gzip'],
  ['tz', 'application/gzip'],
  ['svgz', 'application/gzip'],
  ['z', 'application/octet-stream'],
  ['bz2', 'application/octet-stream'],
  ['tbz2', 'application/octet-stream'],
  ['xz', 'application/octet-stream'],
  ['txz', 'application/octet-stream'],
  ['br', 'application/octet-stream'],
])

const types: ReadonlyMap<string, string> = readTable()
const unknownType = 'application/octet-stream'

/**
 * The `Content-Type` of a file, by the ending of its name. Text that has no way of its own to tell its encoding is
 * taken to be UTF-8; a file that is compressed as a whole is of the type of its compression, `application/octet-stream`
 * where that has none.
 *
 * Tornado: web.StaticFileHandler.get_content_type, Python's `mimetypes`.
 */
export function contentTypeOf(path: string): string {
  const name = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1)
  const dot = name.lastIndexOf('.')
  // A name that begins with its only dot has no ending.
  if (dot <= 0) return unknownType
  const ending = name.slice(dot + 1).toLowerCase()
  return compressed.get(ending) ?? types.get(ending) ?? unknownType
}

function readTable(): Map<string, string> {
  const byEnding = new Map<string, string>()
  for (const line of table.trim().split('\n')) {
    const [marked = '', ...endings] = line.split(' ')
    const type = marked.startsWith('+') ? `${marked.slice(1)}; charset=UTF-8` : marked
    for (const ending of endings) byEnding.set(ending, type)
  }
  return byEnding
}
