# SPDX-License-Identifier: MIT
# Turns the files of templates/ into one C source: cmake -D OUTPUT=FILE.c -D TEMPLATES="a.qml;b.qgs" -P embed_templates.cmake
#
# "{{> NAME}}" is replaced by the file of that name, without the line break at its end. Lines "{{! ... }}" are comments and are left out.
# A line that begins with spaces continues the line before it: after a space, or directly where it begins with "<" or "{". So a template
# can be indented, and what QGIS gets is compact.
set(source "/* Made by embed_templates.cmake. */\n#include \"qgis/template.h\"\n")
foreach(file IN LISTS TEMPLATES)
    get_filename_component(folder ${file} DIRECTORY)
    get_filename_component(name ${file} NAME)
    if(name MATCHES "\\.xml$")
        continue() # part of another
    endif()
    file(READ ${file} text)
    while(text MATCHES "{{> ([a-z_.]+)}}")
        set(part_name ${CMAKE_MATCH_1})
        file(READ ${folder}/${part_name} part)
        string(REGEX REPLACE "\n$" "" part "${part}")
        string(REPLACE "{{> ${part_name}}}" "${part}" text "${text}")
    endwhile()
    string(REGEX REPLACE "{{![^\n]*\n" "" text "${text}")
    string(REGEX REPLACE "\n +([<{])" "\\1" text "${text}")
    string(REGEX REPLACE "\n +" " " text "${text}")
    string(HEX "${text}" bytes)
    string(REGEX REPLACE "(..)" "'\\\\x\\1'," bytes "${bytes}")
    string(REGEX REPLACE "[^a-z]" "_" identifier ${name})
    string(APPEND source "const char zf_template_${identifier}[] = {${bytes}0};\n")
endforeach()
file(WRITE ${OUTPUT} "${source}")
