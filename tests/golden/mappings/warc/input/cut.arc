filedesc://cut.arc 0.0.0.0 20030401120000 text/plain 76
1 0 ExampleArchive
URL IP-address Archive-date Content-type Archive-length


http://harbour.example/ 192.0.2.9 20030401120005 text/html 20
HTTP/1.1 200 OK

x
http://harbour.example/cut 192.0.2.9 20030401120009 text/html 500
HTTP/1.1 200 OK

only this