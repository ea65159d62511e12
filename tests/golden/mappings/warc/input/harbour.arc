filedesc://harbour-20030401.arc 0.0.0.0 20030401120000 text/plain 76
1 0 ExampleArchive
URL IP-address Archive-date Content-type Archive-length


http://harbour.example/ 192.0.2.9 20030401120005 text/html 59
HTTP/1.1 200 OK
Content-Type: text/html

<p>harbour</p>

http://harbour.example/a b 192.0.2.9 20030401120006 text/html 84
HTTP/1.0 404 Not Found

http://x.example/ 192.0.2.1 20030401120007 text/html 3
abc
dns:harbour.example 192.0.2.53 20030401120004 text/dns 50
20030401120004
harbour.example. 60 IN A 192.0.2.9

