# SPDX-License-Identifier: MIT
# A Debian package with the program, its manual and its completion: cpack -G DEB, in the build folder. What it depends on is
# what dpkg-shlibdeps finds, so that it is for the Debian on which it is built.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME zonefold)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY ${PROJECT_DESCRIPTION})
set(CPACK_PACKAGE_CONTACT ${ZONEFOLD_MAINTAINER})
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL program)
set(CPACK_COMPONENTS_GROUPING ALL_COMPONENTS_IN_ONE)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION "zonefold reads a layer of zones (ZIPs) and a layer of building footprints and writes one
SpatiaLite file: which buildings lie in which ZIP, and what they are like.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
include(CPack)
