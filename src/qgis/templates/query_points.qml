{{! SPDX-License-Identifier: MIT }}
{{! Points of a user query. }}
<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
<qgis version="3.22.0" styleCategories="Symbology|Labeling|Fields" labelsEnabled="0">
{{> single_symbol.xml}}
<symbols>
<symbol name="0" type="marker" alpha="1" clip_to_extent="1" force_rhr="0">
  <layer class="SimpleMarker" enabled="1" locked="0" pass="0">
    <Option type="Map">
      <Option name="name" value="circle" type="QString"/>
      <Option name="color" value="{{rgb}},255" type="QString"/>
      <Option name="size" value="2.4" type="QString"/>
      <Option name="size_unit" value="MM" type="QString"/>
      <Option name="outline_color" value="255,255,255,255" type="QString"/>
      <Option name="outline_style" value="solid" type="QString"/>
      <Option name="outline_width" value="0.3" type="QString"/>
      <Option name="outline_width_unit" value="MM" type="QString"/>
    </Option>
  </layer>
  </symbol>
</symbols>
</renderer-v2>
{{> fields.xml}}
<layerGeometryType>0</layerGeometryType>
</qgis>
