"""edit.py BUNDLE OUT change|add|remove NAME: a file of the bundle changed, one
planted in it, or one taken away; a zip that every reader takes."""
import sys
import zipfile

source, target, what, name = sys.argv[1:]
done = False
with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
    for info in old.infolist():
        body = old.read(info)
        if info.filename == name:
            done = True
            if what == "remove":
                continue
            body = body[:-1] + bytes([body[-1] ^ 1])
        new.writestr(info, body)
    if what == "add":
        new.writestr(name, b"planted")
        done = True
if not done:
    sys.exit("no file " + name)
